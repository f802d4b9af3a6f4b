"""What a referee would object to in a design, read from its panel before anything is estimated."""
