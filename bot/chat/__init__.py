"""What people send and press, turned into drafts and orders; and every word they are answered."""
