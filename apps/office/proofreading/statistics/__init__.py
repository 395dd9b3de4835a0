"""Layer c: a noisy channel over character 4-grams, in numpy. It guesses, and knows how sure it may be."""
