"""What every regression shares: the estimation sample and the small-sample conventions."""
