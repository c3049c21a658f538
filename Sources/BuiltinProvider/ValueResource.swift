package import Configuring
import Values

/// The resource type `terraform_data`: an object that is nothing but what the state says of it.
///
/// `output` says what `input` says, known only once it is applied, so that what depends on it waits; another value of
/// `triggers_replace` makes a new object. Both take any type, and a value of another type is another value.
package enum ValueResource {
    /// Its name.
    package static let typeName = "terraform_data"

    /// Its schema, as `terraform providers schema -json` of Terraform 1.11.4 has it.
    package static let schema = Schema(
        block: BlockSchema(attributes: [
            AttributeSchema("id", .string, .computed),
            AttributeSchema("input", .dynamic, .optional),
            AttributeSchema("output", .dynamic, .computed),
            AttributeSchema("triggers_replace", .dynamic, .optional, forcesReplacement: true),
        ]), completing: completed)

    /// The planned object with the output that follows from its input: not known while the input changes.
    private static func completed(_ proposed: Value, prior: Value?) -> Value {
        guard let fields = proposed.fields, let input = fields["input"] else { return proposed }
        let isKept = ["input", "triggers_replace"].allSatisfy { name in
            guard let before = prior?.fields?[name], let now = fields[name], now.isWhollyKnown else { return false }
            return before.withoutMarks([.sensitive, .secret]) == now.withoutMarks([.sensitive, .secret])
        }
        guard !isKept else { return proposed }
        let output = input.isNull && prior == nil ? Value.null(input.type) : .unknown(input.type)
        return Value(.object(fields.replacing("output", with: output)), marks: proposed.marks)
    }

    /// The object after it was made or changed.
    ///
    /// - Parameters:
    ///   - planned: The planned object, its arguments known.
    ///   - id: Its id, for a new one; nil keeps the one it has.
    static func applied(_ planned: Value, id: String? = nil) -> Value {
        guard var fields = planned.withoutMarks([.sensitive, .secret]).fields else { return planned }
        if let id { fields = fields.replacing("id", with: .string(id)) }
        if let input = fields["input"] { fields = fields.replacing("output", with: input) }
        return Value(.object(fields))
    }
}
