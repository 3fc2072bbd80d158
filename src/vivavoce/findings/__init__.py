"""What a call leaves behind: its record, what was said in numbers, the verdict, and the report that shows it all."""
