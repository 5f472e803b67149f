"""What people ask for: who asks, where and with what, and whether they may."""
