"""What must hold between rows, points, files and rights. Each module holds checks that settings.DOCTOR_CHECKS names."""
