"""What looks wrong with the subscribers of an account: findings, most of them with a proposed fix."""
