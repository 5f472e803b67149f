"""From pictures to drafts and orders."""
