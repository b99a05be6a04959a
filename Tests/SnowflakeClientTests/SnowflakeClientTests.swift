// SnowflakeClientTests
