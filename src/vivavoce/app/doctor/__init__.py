"""`viva doctor`: what a person runs when something is wrong. A check looks, changes nothing, and says what to do."""
