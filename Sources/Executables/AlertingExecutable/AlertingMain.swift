import Alerting
import Hosting

@main
struct AlertingMain {
    static func main() async {
        await ServiceMain.main("alerting", summary: "keeps the trend lines and says which one really dipped") {
            try await AlertingService(settings: $0).run()
        }
    }
}
