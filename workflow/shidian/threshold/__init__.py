"""Panel threshold regression (Hansen 1999) and the U-test (Lind & Mehlum 2010)."""
