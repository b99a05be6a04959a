// SnowmakerCore
