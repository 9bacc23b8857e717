"""Messages on their way out of the shop: one sender per way, and the worker that hands them over."""
