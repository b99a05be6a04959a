import SnowmakerSDK
import Testing

@testable import Functions

@Suite struct NameTests {
  private func outcome(_ template: String, _ parts: [String]) -> String {
    do throws(FunctionFailure) { return try PlainName(template: template, parts: parts).text } catch {
      return "\(error.parameter ?? "?"): \(error.message)"
    }
  }

  @Test(arguments: [
    ("{1}_{2}_WH", ["prod", "data eng"], "PROD_DATA_ENG_WH"), ("{2}-{1}", ["a", "b"], "B_A"),
    ("{1}{1}", ["x"], "XX"), ("plain", [], "PLAIN"), ("_{1}", ["9"], "_9"), ("{1}$", ["größe"], "GR_SSE$"),
    ("{1}", ["ß"], "SS"),
    ("{3}", ["a", "b"], "template: '{3}' has {3}, and there are 2 parts"),
    ("{1}", ["a", "b"], "parts: '{1}' leaves out part {2}, 'b'"), ("{1}", [""], "parts: part {1} is empty"),
    ("{x}", ["a"], "template: '{x}' has braces that are not {1}, {2} …"),
    ("{1", ["a"], "template: '{1' has braces that are not {1}, {2} …"),
    ("1}", ["a"], "template: '1}' has braces that are not {1}, {2} …"),
    ("{0}", ["a"], "template: '{0}' has braces that are not {1}, {2} …"), ("", [], "template: the name is empty"),
    ("{1}", ["9a"], "template: '9a' begins with '9', and a plain name with a letter or '_'"),
    ("{1}", [String(repeating: "a", count: 256)], "parts: the name has 256 characters, and at most 255 are allowed"),
  ]) func fillsTemplates(template: String, parts: [String], expected: String) {
    #expect(outcome(template, parts) == expected)
  }

  @Test(
    arguments: [
      ("XSMALL", nil, nil, nil, 1, "1.0"), ("x-small", nil, nil, nil, 1, "1.0"), ("XS", "standard", 1, "aws", 1, "1.0"),
      ("4X-Large", nil, nil, nil, 1, "128.0"), ("X6LARGE", nil, nil, nil, 10, "5120.0"),
      ("SMALL", nil, 2, nil, 1, "2.7"), ("SMALL", nil, 2, "AZURE", 1, "2.5"),
      ("MEDIUM", "Snowpark-Optimized", nil, nil, 1, "6.0"), ("6X-LARGE", "SNOWPARK-OPTIMIZED", nil, nil, 1, "768.0"),
      ("SMALL", "SNOWPARK-OPTIMIZED", nil, nil, 1, "size: a Snowpark-optimized warehouse has at least the size MEDIUM"),
      ("MEDIUM", "SNOWPARK-OPTIMIZED", 2, nil, 1, "generation: a Snowpark-optimized warehouse has no generation"),
      ("X5LARGE", nil, 2, nil, 1, "generation: X5LARGE has no generation 2"),
      ("XLARG", nil, nil, nil, 1, "size: there is no warehouse size 'XLARG'"),
      ("SMALL", "FAST", nil, nil, 1, "type: a warehouse is STANDARD or SNOWPARK-OPTIMIZED, not 'FAST'"),
      ("SMALL", nil, 3, nil, 1, "generation: a generation is 1 or 2, not 3"),
      ("SMALL", nil, nil, "ORACLE", 1, "cloud: a cloud is AWS, AZURE or GCP, not 'ORACLE'"),
      ("SMALL", nil, nil, nil, 0, "clusters: SMALL has 1 to 300 clusters, not 0"),
      ("MEDIUM", nil, nil, nil, 300, "1200.0"), ("LARGE", nil, nil, nil, 160, "1280.0"),
      ("LARGE", nil, nil, nil, 161, "clusters: LARGE has 1 to 160 clusters, not 161"),
      ("X6LARGE", nil, nil, nil, 11, "clusters: X6LARGE has 1 to 10 clusters, not 11"),
    ] as [(String, String?, Int64?, String?, Int64, String)]) func knowsWhatWarehousesCost(
      size: String, type: String?, generation: Int64?, cloud: String?, clusters: Int64, expected: String
    )
  {
    do throws(FunctionFailure) {
      let credits = try WarehouseCredits(size: size, type: type, generation: generation, cloud: cloud)
      #expect("\(try credits.perHour(clusters: clusters))" == expected)
    } catch {
      #expect("\(error.parameter ?? "?"): \(error.message)" == expected)
    }
  }
}
