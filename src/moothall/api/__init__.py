"""What programs call: health."""
