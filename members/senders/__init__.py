"""Companies that carry text messages: signed HTTP, one module for each."""
