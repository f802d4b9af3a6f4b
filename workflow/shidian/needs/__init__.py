"""What a study needs of real data: its series, who gives them, and a draft of ``real_sources``."""
