"""What people put right: marks by hand, appeals, excuses."""
