"""What looks wrong with subscribers that are live: findings over the whole tenant, most of them with a proposal."""
