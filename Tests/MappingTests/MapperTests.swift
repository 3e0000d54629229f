import Mapping
import Model
import Records
import Testing

@Suite("Rows to items")
struct MapperTests {
    @Test("Without a mapping, columns become texts and JSON passes as it is")
    func withoutMapping() throws {
        let rows = try mapped("a,b\n1,x\n,\"q\"\"t\"\n", nil)
        #expect(rows.map(\.item) == [#"{"a":"1","b":"x"}"#, #"{"a":"","b":"q\"t"}"#])
        #expect(rows.map(\.stored) == ["1,x\n", ",\"q\"\"t\"\n"])
        let items = try mapped("{\"n\": 1.50}\n[1]\n{\"x\":\n{\"y\":null}\n", nil, format: .jsonl)
        #expect(items.map(\.item) == ["{\"n\": 1.50}", "", "", "{\"y\":null}"])
        #expect(items[1].reasons == [.type])
        #expect(items[2].reasons == [.unreadable])
    }
}
