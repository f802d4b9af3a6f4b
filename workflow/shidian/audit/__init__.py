"""What a reviewer needs: bundles and their checks, differences between runs, checks of printed tables."""
