// constellation_grammar._binding: hands the generated parser to the tree-sitter package.

#include <Python.h>

typedef struct TSLanguage TSLanguage;

const TSLanguage *tree_sitter_constellation(void);

static PyObject *language(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments)) {
    return PyCapsule_New((void *)tree_sitter_constellation(), "tree_sitter.Language", NULL);
}

static PyMethodDef functions[] = {
    {"language", language, METH_NOARGS, "The tree-sitter language of constellation-lang, as a capsule."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_binding",
    .m_doc = "The compiled tree-sitter parser.",
    .m_size = 0,
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__binding(void) { return PyModuleDef_Init(&definition); }
