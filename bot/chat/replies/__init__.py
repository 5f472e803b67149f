"""What people are answered: sentences, prompts, keyboards, and how they are said."""
