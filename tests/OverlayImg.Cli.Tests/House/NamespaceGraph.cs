using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace OverlayImg.Cli.Tests.House;

/// <summary>The uses of namespaces by other namespaces of a compiled assembly: in signatures, fields, attributes and method bodies.</summary>
internal sealed class NamespaceGraph
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    private readonly Dictionary<string, SortedDictionary<string, string>> _edges = [];
    private readonly Assembly _assembly;

    private NamespaceGraph(Assembly assembly) => _assembly = assembly;

    /// <summary>Reads the uses in all types of the assembly.</summary>
    public static NamespaceGraph Of(Assembly assembly)
    {
        var graph = new NamespaceGraph(assembly);
        foreach (var type in assembly.GetTypes()) graph.Read(type);
        return graph;
    }

    /// <summary>
    /// Returns the pairs of namespaces that use each other, directly or through other namespaces: <c>A - B</c>, with an example of each direction.
    /// </summary>
    public IReadOnlyList<(string Pair, string Example)> Cycles()
    {
        var reachable = _edges.Keys.ToDictionary(name => name, Reachable);
        return
        [
            .. from first in _edges.Keys
               from second in _edges[first].Keys
               where reachable.TryGetValue(second, out var back) && back.Contains(first)
               let isFirst = string.CompareOrdinal(first, second) < 0
               select (isFirst ? $"{first} - {second}" : $"{second} - {first}", _edges[first][second]) into found
               group found.Item2 by found.Item1 into pair
               orderby pair.Key
               select (pair.Key, string.Join("; ", pair)),
        ];
    }

    private HashSet<string> Reachable(string start)
    {
        var found = new HashSet<string>();
        var pending = new Stack<string>([start]);
        while (pending.TryPop(out var name))
        {
            if (!_edges.TryGetValue(name, out var targets)) continue;
            foreach (var target in targets.Keys) if (found.Add(target)) pending.Push(target);
        }

        return found;
    }

    private void Read(Type type)
    {
        var own = NamespaceOf(type);
        if (own is null) return;
        _edges.TryAdd(own, []);
        Note(own, type, type.BaseType);
        foreach (var one in type.GetInterfaces()) Note(own, type, one);
        foreach (var attribute in type.GetCustomAttributesData()) Note(own, type, attribute.AttributeType);
        foreach (var field in type.GetFields(All)) Note(own, type, field.FieldType);
        foreach (var method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All))) Read(own, type, method);
    }

    private void Read(string own, Type type, MethodBase method)
    {
        if (method is MethodInfo { ReturnType: var result }) Note(own, type, result);
        foreach (var parameter in method.GetParameters()) Note(own, type, parameter.ParameterType);
        if (method.GetMethodBody() is not { } body) return;
        foreach (var local in body.LocalVariables) Note(own, type, local.LocalType);
        foreach (var clause in body.ExceptionHandlingClauses)
        {
            if (clause.Flags == ExceptionHandlingClauseOptions.Clause) Note(own, type, clause.CatchType);
        }

        foreach (var token in Tokens(body.GetILAsByteArray()!))
        {
            var typeArguments = type.IsGenericTypeDefinition ? type.GetGenericArguments() : null;
            var methodArguments = method.IsGenericMethodDefinition ? method.GetGenericArguments() : null;
            switch (method.Module.ResolveMember(token, typeArguments, methodArguments))
            {
                case Type named:
                    Note(own, type, named);
                    break;
                case MethodInfo called:
                    Note(own, type, called.DeclaringType);
                    foreach (var argument in called.GetGenericArguments()) Note(own, type, argument);
                    break;
                case MemberInfo member:
                    Note(own, type, member.DeclaringType);
                    break;
            }
        }
    }

    // ECMA-335, III.1.2: an instruction is an opcode of one or two bytes and its operand.
    private static IEnumerable<int> Tokens(byte[] code)
    {
        for (var at = 0; at < code.Length;)
        {
            var first = code[at++];
            var opcode = OpCodesByValue[first == 0xFE ? (short)(first << 8 | code[at++]) : first];
            switch (opcode.OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    yield return BitConverter.ToInt32(code, at);
                    at += 4;
                    break;
                case OperandType.InlineSwitch:
                    at += 4 + (4 * BitConverter.ToInt32(code, at));
                    break;
                default:
                    at += SizeOf(opcode.OperandType);
                    break;
            }
        }
    }

    private static int SizeOf(OperandType type) => type switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private void Note(string own, Type user, Type? used)
    {
        if (used is null || used.IsGenericParameter) return;
        if (used.HasElementType)
        {
            Note(own, user, used.GetElementType());
            return;
        }

        foreach (var argument in used.IsGenericType && !used.IsGenericTypeDefinition ? used.GetGenericArguments() : []) Note(own, user, argument);
        if (used.Assembly != _assembly || NamespaceOf(used) is not { } name || name == own) return;
        _edges[own].TryAdd(name, $"{Outermost(user).Name} needs {Outermost(used).Name}");
    }

    private static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } outer) type = outer;
        return type;
    }

    // Types that the compiler generates for its own use have no namespace of the project.
    private static string? NamespaceOf(Type type) =>
        Outermost(type) is { Namespace: { } name } outer && name.StartsWith("OverlayImg", StringComparison.Ordinal)
            && outer.GetCustomAttribute<CompilerGeneratedAttribute>() is null
            ? name : null;
}
