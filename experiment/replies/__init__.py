"""What came back: private reasoning, public answer, and what became of a reply."""
