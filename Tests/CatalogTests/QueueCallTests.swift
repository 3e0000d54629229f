import Model
import Testing

@testable import Catalog

@Suite("Calls to the queue of rejected transactions")
struct QueueCallTests {
    /// Leads a call through, with the replies of a server.
    private func end<Value>(
        _ step: CallStep<Value>, _ server: (Request) -> Reply
    ) -> (value: Value?, refusal: Refusal?, asked: [Request]) {
        var step = step
        var asked: [Request] = []
        while asked.count < 10 {
            switch step {
            case .ask(let request, let then):
                asked.append(request)
                step = then(server(request))
            case .done(let value): return (value, nil, asked)
            case .unclear(let refusal): return (nil, refusal, asked)
            }
        }
        return (nil, nil, asked)
    }

    private func text(_ request: Request?) -> String {
        String(decoding: request?.body ?? [], as: UTF8.self)
    }

    @Test func bothPathsAreTried() {
        let (id, _, asked) = end(RejectedQueue.retrigger(["B\"1", "002"])) {
            $0.target.hasPrefix("/v2/organization") ? reply(404) : reply(200, #"{"retriggerId": 7}"#)
        }
        #expect(id == "7")
        #expect(
            asked.map(\.target) == [
                "/v2/organization/rejectedTransactions/retrigger", "/v2/rejectedTransactions/retrigger",
            ])
        #expect(text(asked.last) == #"{"transactionNumber":["B\"1","002"]}"#)
    }

    @Test(
        "where the id may stand",
        arguments: [
            #"{"retriggerId": "r9", "errors": []}"#, #"{"data": {"retriggerId": "r9"}}"#,
            #"{"entity": {"retriggerId": "r9"}}"#,
        ])
    func ids(_ body: String) {
        #expect(end(RejectedQueue.retrigger(["A"])) { _ in reply(200, body) }.value == "r9")
    }

    @Test func anAnswerWithoutAnIdIsOne() {
        let (value, refusal, _) = end(RejectedQueue.retrigger(["A"])) { _ in reply(200, "{}") }
        #expect(value == .some(nil) && refusal == nil)
    }

    @Test func counts() {
        let (count, _, asked) = end(RejectedQueue.status(of: "a/b")) { _ in
            reply(200, #"{"status": {"success": 2, "fixed": 1, "maxOut": 3, "replayed": "4"}}"#)
        }
        #expect(asked.first?.target.hasSuffix("/retriggerStatus/a%2Fb") == true)
        #expect(count?.success == 2 && count?.fixed == 1 && count?.maxOut == 3 && count?.replayed == 4)
        #expect(
            end(RejectedQueue.status(of: "1")) { _ in reply(200, #"{"status": true}"#) }.value == nil)
    }

    @Test func marking() {
        let (value, _, asked) = end(
            RejectedQueue.markFailed(["A"], errorCode: 683, comment: "gone \"for good\"")
        ) { _ in reply(200, #"{"result": true}"#) }
        #expect(value == true && asked.first?.method == .put)
        #expect(
            text(asked.first)
                == #"{"errorCode":["683"],"transactionNumber":["A"],"comments":"gone \"for good\""}"#)
        #expect(
            end(RejectedQueue.markFailed(["A"], errorCode: nil, comment: "")) { _ in
                reply(200, #"{"result": false}"#)
            }.value == false)
    }

    @Test(
        "what says no",
        arguments: [
            reply(500), reply(200), reply(200, "<html>"), reply(403), reply(404),
            reply(200, #"{"result": true, "errors": [{"code": 1, "message": "off"}]}"#),
        ])
    func refusals(_ answer: Reply) {
        #expect(end(RejectedQueue.retrigger(["A"])) { _ in answer }.refusal != nil)
        #expect(
            end(RejectedQueue.markFailed(["A"], errorCode: nil, comment: "")) { _ in answer }.refusal
                != nil)
    }
}
