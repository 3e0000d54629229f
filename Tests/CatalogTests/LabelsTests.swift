import Model
import Testing

@testable import Catalog

@Suite("Labels and milestones")
struct LabelsTests {
    private func member(_ entity: Int) throws -> Evidence {
        try prepare(#"{"entityId":\#(entity),"labelExternalId":"vip"}"#, endpoint: .labelsAssign)
            .evidence
    }

    private func read(_ status: Int, _ body: String, _ entities: Int...) throws -> [String] {
        Endpoint.labelsAssign.read(reply(status, body), try entities.map { try member($0) }).words
    }

    @Test("the example of the article, its entity under another name")
    func example() throws {
        let body = #"""
            {"data":[{"assignmentId":5,"entityId":"70000001","labelId":31,"labelName":"vip","labelExternalId":"vip","expiryDate":"2027-01-01T00:00:00Z"}],"warnings":[],
             "errors":[{"code":23045,"field":"entityId","labelExternalId":"70000002","message":"…"}]}
            """#
        #expect(try read(207, body, 70_000_001, 70_000_002) == ["accepted 5", "rejected"])
    }

    @Test("an error that names the label is nobody's in a request, and the record's own alone")
    func label() throws {
        let body = #"{"data":[],"warnings":[],"errors":[{"code":23045,"labelExternalId":"vip"}]}"#
        #expect(try read(400, body, 1, 2) == ["unbound", "unbound"])
        #expect(try read(400, body, 1) == ["rejected"])
    }

    @Test("assigned already is done; a lock is no judgement")
    func done() throws {
        let body = #"{"data":[],"errors":[{"code":23044,"labelExternalId":"1","message":"has it"}]}"#
        #expect(try read(409, body, 1).allSatisfy { $0 == "accepted -" })
        #expect(try read(409, #"{"errors":[{"code":23055,"message":"locked"}]}"#, 1, 2) == ["again"])
        #expect(try read(409, "", 1, 2) == ["in doubt"])
        #expect(try read(400, #"{"errors":[{"code":23032,"message":"many"}]}"#, 1, 2) == ["split"])
    }

    @Test("a member of the body and parts of the path, quoted, tell records apart")
    func parameters() throws {
        let item = #"{"entityId":1,"labelExternalId":"vip"}"#
        let customers = try Endpoint.labelsAssign.bound(to: [:])
        let products = try Endpoint.labelsAssign.bound(to: ["entity_type": "PRODUCT"])
        let body = String(decoding: products.body([Array(item.utf8)[...]]), as: UTF8.self)
        #expect(body == #"{"entityType":"PRODUCT","assignments":[\#(item)]}"#)
        #expect(
            try prepare(item, endpoint: customers).identity
                != prepare(item, endpoint: products).identity)
        let one = try Endpoint.milestonesEnrol.bound(to: ["target_group": "4", "target": "7"])
        #expect(one.path == "/v3/targetGroups/4/targets/7/enroll")
        let other = try Endpoint.milestonesEnrol.bound(to: ["target_group": "4", "target": "8"])
        let customer = #"{"customerId":9}"#
        #expect(
            try prepare(customer, endpoint: one).identity != prepare(customer, endpoint: other).identity
        )
        #expect(
            try prepare(customer, endpoint: one).identity
                == prepare(
                    customer,
                    endpoint: .milestonesEnrol.bound(to: ["target": "7", "target_group": "4"])
                ).identity)
        #expect(throws: ParameterError.self) {
            try Endpoint.milestonesEnrol.bound(to: ["target_group": "4"])
        }
        #expect(throws: ParameterError.self) {
            try Endpoint.milestonesEnrol.bound(to: ["target_group": "4", "target": "../x"])
        }
    }

    @Test("enrolled already is done; the customer's number alone is success")
    func milestones() throws {
        let member = try prepare(#"{"customerId":9}"#, endpoint: .milestonesEnrol).evidence
        func read(_ status: Int, _ body: String) -> [String] {
            Endpoint.milestonesEnrol.read(reply(status, body), [member]).words
        }
        #expect(read(200, #"{"data":70000001,"errors":null,"warnings":null}"#) == ["accepted 70000001"])
        #expect(
            read(400, #"{"data":null,"errors":[{"code":310119,"message":"is"}]}"#) == ["accepted -"])
        #expect(read(400, #"{"data":null,"errors":[{"code":310011,"message":"no"}]}"#) == ["rejected"])
        #expect(read(200, #"{"data":null,"errors":null}"#) == ["in doubt"])
        #expect(read(503, #"{"data":null,"errors":[{"code":310119}]}"#) == ["in doubt"])
    }
}
