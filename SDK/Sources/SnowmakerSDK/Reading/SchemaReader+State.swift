import SnowmakerModel

extension SchemaReader {
  /// What travels between rounds, because a provider remembers nothing.
  struct State {
    struct Sent {
      var sql: String
      var group: String
      var object: [String]?
      /// The tags that were asked for, in the order of the answer's columns.
      var tags: [String] = []
    }

    var sent: [Sent] = []
    var observed: [Observation] = []
    var partial: String?
    var unseen: [ReadReply.Unseen] = []
    var askedObjects = false
    private var places: [[String]: Int] = [:]

    init(queries: [(sql: String, object: [String]?)]) {
      sent = queries.map { Sent(sql: $0.sql, group: "", object: $0.object) }
    }

    init(_ value: Value) {
      sent = value["sent"].list.map {
        Sent(
          sql: $0["sql"].string ?? "", group: $0["group"].string ?? "", object: $0.find("object")?.strings,
          tags: $0["tags"].strings)
      }
      observed = value["observed"].list.compactMap { try? Observation(document: $0) }
      partial = value["partial"].string
      unseen = value["unseen"].list.compactMap { try? ReadReply.Unseen(document: $0) }
      askedObjects = value["asked_objects"].bool ?? false
    }

    var value: Value {
      var builder = DocumentBuilder()
      builder.set(
        "sent",
        Value.list(
          sent.map { sent in
            var builder = DocumentBuilder()
            builder.set("sql", sent.sql)
            builder.set(text: "group", sent.group)
            if let object = sent.object { builder.set("object", Value.list(object.map(Value.string))) }
            builder.set("tags", sent.tags)
            return builder.document
          }))
      builder.set("observed", observed)
      builder.set("partial", partial)
      builder.set("unseen", unseen)
      builder.set(flag: "asked_objects", askedObjects)
      return builder.document
    }

    mutating func place(of identity: [String]) -> Int? {
      if places.isEmpty {
        for (index, observation) in observed.enumerated() { places[observation.identity] = index }
      }
      return places[identity]
    }

    mutating func forgetPlaces() { places = [:] }
  }
}
