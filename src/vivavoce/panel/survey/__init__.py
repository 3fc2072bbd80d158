"""A study put to people: what they are asked, how answers are read and doubted, and how a panel did beside them."""
