"""One zip a study: inputs, code, results, and the facts that let another person check them."""
