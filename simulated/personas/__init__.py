"""What a stand-in model does and writes."""
