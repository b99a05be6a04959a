// SnowmakerSDK
