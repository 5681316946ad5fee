// Namespaces for the test of NamespaceGraph: Left uses Right in a signature, Right uses Left in a method body, and Above uses both.
namespace OverlayImg.Cli.Tests.House.Cycle.Left
{
    internal sealed class Signature
    {
        public static Right.Code? Make() => null;
    }
}

namespace OverlayImg.Cli.Tests.House.Cycle.Right
{
    internal sealed class Code
    {
        public static string Name() => typeof(Left.Signature).Name;
    }
}

namespace OverlayImg.Cli.Tests.House.Cycle.Above
{
    internal sealed class User
    {
        public static string Name() => Left.Signature.Make() is null ? Right.Code.Name() : "";
    }
}
