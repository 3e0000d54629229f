import Model
import Testing

@testable import Catalog

@Suite("An org's settings")
struct OrgConfigurationTests {
    private func configs(_ entries: [String], success: String = "\"true\"", code: String = "\"200\"")
        -> Reply
    {
        reply(
            200,
            #"{"response": {"status": {"success": \#(success), "code": \#(code), "message": "m"}, "organization": {"configs": {"config": [\#(entries.joined(separator: ","))]}}}}"#
        )
    }

    private func entry(_ key: String, _ value: String, scope: String = "ORG", id: String = "4001")
        -> String
    {
        #"{"key": "\#(key)", "scopes": "\#(scope)", "value_type": "NUMERIC", "modules": "LOYALTY", "entity_id": "\#(id)", "value": \#(value)}"#
    }

    private let org = "CONF_LOYALTY_IS_BILL_NUMBER_UNIQUE"
    private let store = "CONF_LOYALTY_BILL_NUMBER_UNIQUE_ONLY_STORE"
    private let till = "CONF_LOYALTY_BILL_NUMBER_UNIQUE_ONLY_TILL"

    @Test func exampleOfTheFactSheet() {
        let reply = configs([
            entry(org, "\"1\""), entry("CONF_LOYALTY_BILL_NUMBER_UNIQUE_IN_DAYS", "\"365\""),
        ])
        #expect(
            OrgConfiguration.read(reply)
                == OrgSettings(id: "4001", billNumbers: .org, uniqueInDays: 365))
    }

    @Test func allKeys() {
        let reply = configs([
            entry(org, "1"), entry(store, "true"), entry("IS_RETURN_BILL_UNIQUE", "\"1\""),
            entry("AMOUNT_ROUNDING_OFF_TO_DECIMAL_PLACES", "2"),
            entry("CONF_ORG_DISABLE_MACHINE_TIME_CONV", "\"0\""),
        ])
        #expect(
            OrgConfiguration.read(reply)
                == OrgSettings(
                    id: "4001", billNumbers: .store, returnsUnique: true, amountDecimals: 2,
                    ignoresOffsets: false))
    }

    @Test func uniqueness() {
        func read(_ entries: [String]) -> OrgSettings.Uniqueness? {
            OrgConfiguration.read(configs(entries))?.billNumbers
        }
        #expect(read([]) == .unknown)
        #expect(read([entry(org, "\"0\"")]) == OrgSettings.Uniqueness.none)
        #expect(read([entry(store, "\"0\"")]) == .unknown)
        // The other two narrow the first: without it, or unread, they say nothing.
        for key in [store, till] {
            #expect(read([entry(key, "\"1\"")]) == .unknown)
            #expect(read([entry(org, "\"0\""), entry(key, "\"1\"")]) == OrgSettings.Uniqueness.none)
        }
        #expect(read([entry(store, "\"1\""), entry(org, "\"1\"")]) == .store)
        #expect(read([entry(till, "\"1\""), entry(org, "\"1\"")]) == .till)
        #expect(read([entry(org, "\"yes\"")]) == .unknown)
        #expect(read([entry(org, "\"1\"", scope: "STORE", id: "50")]) == .unknown)
        #expect(read([entry(org, "\"1\""), entry(org, "\"0\"")]) == .unknown)
    }

    @Test func loneEntryAndNativeValues() {
        let lone = reply(
            200,
            #"{"response": {"status": {"success": true, "code": 200}, "organization": {"configs": {"config": \#(entry(org, "1"))}}}}"#
        )
        #expect(OrgConfiguration.read(lone) == OrgSettings(id: "4001", billNumbers: .org))
    }

    @Test func noneFoundIsNothingKnown() {
        var answer = reply(200, #"{"response": {"status": {"success": "false", "code": "3209"}}}"#)
        #expect(OrgConfiguration.read(answer) == OrgSettings())
        let empty = #"{"response": {"status": {"success": "true", "code": "200"}, "organization": []}}"#
        #expect(OrgConfiguration.read(reply(200, empty)) == OrgSettings())
        answer.headers = [Header("Org_Id", "4001")]
        #expect(OrgConfiguration.read(answer) == OrgSettings(id: "4001"))
    }

    @Test(
        "is not read",
        arguments: [
            reply(500), reply(200), reply(200, "<html>"), reply(200, "{}"), reply(401, "{}"),
            reply(200, #"{"response": {"status": {"success": "false", "code": "3201"}}}"#),
            reply(200, #"{"response": {"status": {"success": "true", "code": "200"}}}"#),
            reply(200, #"{"response": {"organization": {"configs": {"config": []}}}}"#),
        ])
    func unreadable(_ answer: Reply) {
        #expect(OrgConfiguration.read(answer) == nil)
    }

    @Test func headersTellTheOrg() {
        #expect(OrgConfiguration.orgID(in: reply(200, "", [Header("ORG_ID", "4001")])) == "4001")
        #expect(OrgConfiguration.orgID(in: reply(200, "", [Header("org_id", "-1")])) == nil)
        #expect(OrgConfiguration.orgID(in: reply(200, "", [Header("org_id", "x")])) == nil)
        #expect(OrgConfiguration.orgID(in: reply()) == nil)
    }

    @Test func requestIsARead() {
        #expect(OrgConfiguration.request == Request(.get, "/v1.1/organization/configs?format=json"))
    }
}
