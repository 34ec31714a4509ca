// MERGE_QLORA_REJECTS_BURN_BIN and mod operator_messages;
