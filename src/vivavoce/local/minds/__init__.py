"""What answers inside the embedded live model: acts, and the brains that choose them."""
