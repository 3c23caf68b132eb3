"""The screening engine: names to words, words to likeness, an index that finds every pair that may reach the threshold. Pure."""
