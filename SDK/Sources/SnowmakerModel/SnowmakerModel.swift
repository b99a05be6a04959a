// SnowmakerModel
