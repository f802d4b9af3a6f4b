"""What the HTML page says beyond the printed exhibits: alt texts, names of statistics, labels, folded warnings."""
