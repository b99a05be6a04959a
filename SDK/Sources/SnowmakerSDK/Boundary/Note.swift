// The note that the host reads from a plugin's file before it loads it: `snowmaker_note_v1` with the magic "SNOWMKR\0",
// the ABI, and the number of `SwiftRuntime` (a section takes literals only).
#if compiler(>=6.4)
  @section("snowmaker_abi") @used let snowmakerNote: (UInt64, UInt32, UInt32) = (0x0052_4b4d_574f_4e53, 1, 604)
#else
  @section("snowmaker_abi") @used let snowmakerNote: (UInt64, UInt32, UInt32) = (0x0052_4b4d_574f_4e53, 1, 603)
#endif
