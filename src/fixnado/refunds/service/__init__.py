"""What is done with refund cases."""
