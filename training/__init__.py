"""Development time only: how the weights of the wording judge are made. Not part of the product."""
