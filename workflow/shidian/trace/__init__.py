"""From a printed number back to its sample, its variables, the panel's values and the workbook cells behind them."""
