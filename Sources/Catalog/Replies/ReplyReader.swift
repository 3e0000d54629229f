package import Model

/// Reads what comes back by one of the few shapes that replies have.
package protocol ReplyReader: Sendable {
    var codes: CodeTable { get }
    func read(_ reply: Reply, members: [Evidence]) -> Verdict
}

extension BulkReply: ReplyReader {}
extension SingleReply: ReplyReader {}
extension TwoListReply: ReplyReader {}
