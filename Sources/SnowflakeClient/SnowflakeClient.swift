// SnowflakeClient
