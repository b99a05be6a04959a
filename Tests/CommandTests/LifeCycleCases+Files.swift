// Configurations of `LifeCycleTests`.

extension LifeCycleTests {
  static let files: [LifeCycle] = [
    LifeCycle(
      name: "csv",
      base: Ground.keeper + Ground.schema,
      full: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            comment: c1
            type: CSV
            compression: GZIP
            record_delimiter: "\r\n"
            field_delimiter: "\t"
            multi_line: false
            file_extension: .csv
            parse_header: false
            skip_header: 1
            skip_blank_lines: true
            date_format: YYYY-MM-DD
            time_format: HH24
            timestamp_format: YYYY
            binary_format: BASE64
            escape: "\\"
            escape_unenclosed_field: NONE
            trim_space: true
            field_optionally_enclosed_by: "'"
            null_if: ["NULL", "", "\\N"]
            error_on_column_count_mismatch: false
            replace_invalid_characters: true
            empty_field_as_null: false
            skip_byte_order_mark: false
            encoding: ISO88591
        """#,
      changed: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            comment: c2
            type: CSV
            compression: ZSTD
            record_delimiter: "\r\n"
            field_delimiter: "\t"
            multi_line: true
            file_extension: .csv
            parse_header: true
            skip_header: 1
            skip_blank_lines: false
            date_format: YYYY-MM-DD
            time_format: HH24
            timestamp_format: YYYY
            binary_format: BASE64
            escape: "\\"
            escape_unenclosed_field: NONE
            trim_space: false
            field_optionally_enclosed_by: "\""
            null_if: ["NONE", "", "\\N"]
            error_on_column_count_mismatch: true
            replace_invalid_characters: false
            empty_field_as_null: true
            skip_byte_order_mark: true
            encoding: ISO88591
        """#,
      unset: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: CSV
            comment: null
            compression: null
            record_delimiter: null
            field_delimiter: null
            multi_line: null
            file_extension: null
            parse_header: null
            skip_header: null
            skip_blank_lines: null
            date_format: null
            time_format: null
            timestamp_format: null
            binary_format: null
            escape: null
            escape_unenclosed_field: null
            trim_space: null
            field_optionally_enclosed_by: null
            null_if: null
            error_on_column_count_mismatch: null
            replace_invalid_characters: null
            empty_field_as_null: null
            skip_byte_order_mark: null
            encoding: null
        """#),
    LifeCycle(
      name: "json",
      base: Ground.keeper + Ground.schema,
      full: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: JSON
            compression: GZIP
            date_format: YYYY
            time_format: HH24
            timestamp_format: YYYY
            binary_format: BASE64
            trim_space: true
            null_if: [a]
            file_extension: .json
            enable_octal: true
            allow_duplicate: true
            strip_outer_array: true
            strip_null_values: true
            ignore_utf8_errors: true
            skip_byte_order_mark: false
            comment: x
        """#,
      changed: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: JSON
            compression: ZSTD
            strip_outer_array: false
            null_if: []
            comment: y
        """#,
      unset: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: JSON
            compression: null
            date_format: null
            time_format: null
            timestamp_format: null
            binary_format: null
            trim_space: null
            null_if: null
            file_extension: null
            enable_octal: null
            allow_duplicate: null
            strip_outer_array: null
            strip_null_values: null
            ignore_utf8_errors: null
            skip_byte_order_mark: null
            comment: null
        """#),
    LifeCycle(
      name: "avro",
      base: Ground.keeper + Ground.schema,
      full: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: AVRO
            compression: ZSTD
            trim_space: true
            replace_invalid_characters: true
            null_if: [a, b]
        """#,
      changed: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: AVRO
            compression: AUTO
            null_if: [b]
        """#,
      unset: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: AVRO
            compression: null
            trim_space: null
            replace_invalid_characters: null
            null_if: null
        """#),
    LifeCycle(
      name: "orc",
      base: Ground.keeper + Ground.schema,
      full: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: ORC
            trim_space: true
            replace_invalid_characters: true
            null_if: [a, b]
        """#,
      changed: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: ORC
            null_if: [b]
        """#,
      unset: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: ORC
            trim_space: null
            replace_invalid_characters: null
            null_if: null
        """#),
    LifeCycle(
      name: "parquet",
      base: Ground.keeper + Ground.schema,
      full: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: PARQUET
            compression: SNAPPY
            binary_as_text: false
            use_logical_type: true
            trim_space: true
            use_vectorized_scanner: true
            replace_invalid_characters: true
            null_if: [a, b]
        """#,
      changed: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: PARQUET
            compression: LZO
            null_if: [b]
        """#,
      unset: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: PARQUET
            compression: null
            binary_as_text: null
            use_logical_type: null
            trim_space: null
            use_vectorized_scanner: null
            replace_invalid_characters: null
            null_if: null
        """#),
    LifeCycle(
      name: "xml",
      base: Ground.keeper + Ground.schema,
      full: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: XML
            compression: GZIP
            ignore_utf8_errors: true
            preserve_space: true
            strip_outer_element: true
            disable_auto_convert: true
            replace_invalid_characters: true
            skip_byte_order_mark: false
        """#,
      changed: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: XML
            compression: AUTO
            preserve_space: false
        """#,
      unset: #"""
        file_formats:
          - name: full
            database: d
            schema: s
            type: XML
            compression: null
            ignore_utf8_errors: null
            preserve_space: null
            strip_outer_element: null
            disable_auto_convert: null
            replace_invalid_characters: null
            skip_byte_order_mark: null
        """#),
    LifeCycle(
      name: "stage",
      base: Ground.keeper + Ground.schema
        + #"""
        file_formats: [{name: ff, database: d, schema: s, type: CSV}]
        """#,
      full: #"""
        stages: [{name: full, database: d, schema: s, owner: keeper, comment: c1, directory: {enable: true}, file_format: d.s.ff, encryption: {type: SNOWFLAKE_SSE}}]
        """#,
      changed: #"""
        stages: [{name: full, database: d, schema: s, owner: sysadmin, comment: c2, directory: {enable: false}, file_format: {type: JSON, strip_outer_array: true}, encryption: {type: SNOWFLAKE_SSE}}]
        """#,
      unset: #"""
        stages: [{name: full, database: d, schema: s, comment: null, directory: null, file_format: null}]
        """#),
    LifeCycle(
      name: "external_stage",
      base: Ground.keeper + Ground.schema,
      full: #"""
        stages: [{name: full, database: d, schema: s, url: "s3://bucket/a/", comment: c1, credentials: {aws_key_id: AKIA1, aws_secret_key: "!!"}, encryption: {type: AWS_SSE_KMS, kms_key_id: k1}, directory: {enable: true, refresh_on_create: false}, file_format: {type: CSV, skip_header: 2}}]
        """#,
      changed: #"""
        stages: [{name: full, database: d, schema: s, url: "s3://bucket/b/", comment: c2, credentials: {aws_key_id: AKIA2, aws_secret_key: "!!2"}, encryption: {type: AWS_SSE_S3}, directory: {enable: false}, file_format: {type: PARQUET}}]
        """#,
      unset: #"""
        stages: [{name: full, database: d, schema: s, url: "s3://bucket/b/", comment: null, credentials: {aws_key_id: AKIA2, aws_secret_key: "!!2"}, encryption: {type: AWS_SSE_S3}, directory: null, file_format: null}]
        """#),
    LifeCycle(
      name: "pipe",
      base: Ground.keeper + Ground.schema
        + #"""
        stages: [{name: st, database: d, schema: s}]
        """#,
      full: #"""
        pipes: [{name: full, database: d, schema: s, comment: c1, auto_ingest: false, pipe_execution_paused: true, copy_statement: "COPY INTO d.s.t FROM @d.s.st"}]
        """#,
      changed: #"""
        pipes: [{name: full, database: d, schema: s, comment: c2, pipe_execution_paused: false, copy_statement: "copy into d.s.t  from @d.s.st\n pattern = 'x'"}]
        """#,
      unset: #"""
        pipes: [{name: full, database: d, schema: s, comment: null, copy_statement: "copy into d.s.t  from @d.s.st\n pattern = 'x'"}]
        """#),
  ]
}
