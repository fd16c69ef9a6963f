import ArgumentParser
import ZMQ

struct KeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen", abstract: "Makes a CURVE key pair for encrypted connections and prints it.")

    func run() throws {
        let keys = try CurveKeyPair.generate()
        Console.say("public: \(keys.publicKey.z85)")
        Console.say("secret: \(keys.secretKey.z85)")
    }
}
