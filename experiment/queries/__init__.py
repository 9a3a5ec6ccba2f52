"""What is asked: query sets, labelled replies, and which wording each query gets."""
